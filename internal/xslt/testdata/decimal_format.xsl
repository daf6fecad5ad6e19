<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:decimal-format name="de" decimal-separator="," grouping-separator="."/>
  <xsl:decimal-format NaN="none" infinity="endless" minus-sign="~"/>
  <xsl:template match="/"><r><xsl:value-of select="format-number(1234.5, '#.##0,00', 'de')"/>|<xsl:value-of select="format-number(number('x'), '0')"/>|<xsl:value-of select="format-number(1 div 0, '0')"/>|<xsl:value-of select="format-number(-3, '0')"/></r></xsl:template>
</xsl:stylesheet>
