<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:key name="by-code" match="order" use="code"/>
  <xsl:key name="by-attr" match="order" use="@*"/>
  <xsl:template match="/"><r><xsl:for-each select="key('by-code','AMOX')"><o><xsl:value-of select="@id"/></o></xsl:for-each><x><xsl:value-of select="count(key('by-attr','new'))"/></x><y><xsl:value-of select="key('by-code', //order[@id='o1']/code)/name"/></y><z><xsl:value-of select="count(key('by-code', //code))"/></z></r></xsl:template>
  <xsl:template match="key('by-code','PARA')"><k/></xsl:template>
</xsl:stylesheet>
