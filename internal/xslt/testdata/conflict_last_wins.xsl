<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:apply-templates select="//order"/></r></xsl:template>
  <xsl:template match="order[@status]"><first/></xsl:template>
  <xsl:template match="order[@qty]"><last/></xsl:template>
</xsl:stylesheet>
