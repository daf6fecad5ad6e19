<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:choose><xsl:when test="system-property('xsl:version') &gt;= 2"><xsl:sequence select="1"/></xsl:when><xsl:otherwise>old</xsl:otherwise></xsl:choose><xsl:later><xsl:fallback><f/></xsl:fallback></xsl:later></r></xsl:template>
</xsl:stylesheet>
