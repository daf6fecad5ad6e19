<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:apply-templates select="//order"><xsl:sort select="@qty" data-type="number"/></xsl:apply-templates>
  <xsl:apply-templates select="//order"><xsl:sort select="@qty" data-type="number" order="descending"/></xsl:apply-templates>
  <xsl:apply-templates select="//order/price"><xsl:sort data-type="number"/></xsl:apply-templates></r></xsl:template>
  <xsl:template match="order"><o><xsl:value-of select="@qty"/></o></xsl:template>
  <xsl:template match="price"><p n="{position()}"><xsl:value-of select="."/></p></xsl:template>
</xsl:stylesheet>
