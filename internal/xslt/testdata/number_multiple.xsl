<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="title"><xsl:number level="multiple" count="chapter|section" format="1.a.i) "/><xsl:value-of select="."/><xsl:text>
</xsl:text></xsl:template>
  <xsl:template match="para"><xsl:number level="multiple" count="chapter|section|para" format="A-1-"/><xsl:number level="multiple" count="section" from="chapter"/><xsl:text>
</xsl:text></xsl:template>
  <xsl:template match="note"/>
</xsl:stylesheet>
