<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//v"><xsl:sort data-type="number"/><xsl:value-of select="."/>,</xsl:for-each></r></xsl:template>
</xsl:stylesheet>
