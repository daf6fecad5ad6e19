<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:variable name="t"><a>5</a></xsl:variable>
    <xsl:value-of select="//order/@qty = 9"/>|<xsl:value-of select="//order/@qty != 9"/>|<xsl:value-of select="not(//order/@qty = 9)"/>|<xsl:value-of select="//order/@qty &gt; 99"/>|<xsl:value-of select="//order/@qty &lt; 7"/>|<xsl:value-of select="//nothing = ''"/>|<xsl:value-of select="//nothing != ''"/>|<xsl:value-of select="//nothing = false()"/>|<xsl:value-of select="'1' = 1"/>|<xsl:value-of select="'a' = true()"/>|<xsl:value-of select="//code = //name"/>|<xsl:value-of select="//order[1]/code = //order[3]/code"/>|<xsl:value-of select="//price &lt; //order/@qty"/>|<xsl:value-of select="1 &lt; 2 = true()"/>|<xsl:value-of select="$t = 5"/>|<xsl:value-of select="'b' &gt; 'a'"/>|<xsl:value-of select="1 = 1 and 2 = 3 or 4"/>|<xsl:value-of select="//code != //code"/></xsl:template>
</xsl:stylesheet>
