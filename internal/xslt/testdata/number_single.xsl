<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//order"><n><xsl:number/> <xsl:number value="position()" format="(a) "/><xsl:number value="@qty" format="I"/>-<xsl:number value="@qty" format="001"/>-<xsl:number format="A." count="order"/></n></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
