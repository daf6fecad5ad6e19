<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:strip-space elements="*"/><xsl:preserve-space elements="keep"/>
  <xsl:template match="/"><r><xsl:copy-of select="."/></r></xsl:template>
</xsl:stylesheet>
