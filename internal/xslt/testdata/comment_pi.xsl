<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:comment>note <xsl:value-of select="count(//order)"/></xsl:comment><xsl:processing-instruction name="go">to="<xsl:value-of select="//order[1]/@id"/>"</xsl:processing-instruction><xsl:processing-instruction name="bare"/></r></xsl:template>
</xsl:stylesheet>
