<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:key name="k" match="order" use="code"/>
  <xsl:template match="/"><r><xsl:apply-templates select="//order"/></r></xsl:template>
  <xsl:template match="key('k','AMOX')"><amox><xsl:apply-templates/></amox></xsl:template>
  <xsl:template match="key('k','AMOX')/name"><n/></xsl:template>
  <xsl:template match="text()"/>
</xsl:stylesheet>
