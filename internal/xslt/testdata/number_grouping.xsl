<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:number value="1234567" grouping-separator="," grouping-size="3"/>|<xsl:number value="1999" format="i"/>|<xsl:number value="703" format="A"/>|<xsl:number value="27" format="a"/>|<xsl:number value="2.5"/>|<xsl:number value="5" format="01"/>|<xsl:number value="3999" format="I"/></r></xsl:template>
</xsl:stylesheet>
