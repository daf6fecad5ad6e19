<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:apply-templates select="//order"/></r></xsl:template>
  <xsl:template match="*"><any/></xsl:template>
  <xsl:template match="order"><named/></xsl:template>
  <xsl:template match="order[@status='new']"><new/></xsl:template>
  <xsl:template match="orders/order[@qty &lt; 10]" priority="2"><few/></xsl:template>
  <xsl:template match="order[@id='o4']" priority="1"><never/></xsl:template>
</xsl:stylesheet>
