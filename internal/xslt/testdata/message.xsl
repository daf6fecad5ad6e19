<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:message>seen <xsl:value-of select="count(//order)"/></xsl:message><a/></r></xsl:template>
</xsl:stylesheet>
