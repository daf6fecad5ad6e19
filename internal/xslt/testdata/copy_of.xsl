<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:copy-of select="//order[1]/@*"/><xsl:copy-of select="//order[2]"/><xsl:copy-of select="'text &lt;'"/><xsl:copy-of select="1 + 1"/><one><xsl:copy-of select="/"/></one></r></xsl:template>
</xsl:stylesheet>
