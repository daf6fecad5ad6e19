<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:apply-templates select="//section|//para|//em"/></xsl:template>
  <xsl:template match="section|para|em"><xsl:value-of select="name()"/> <xsl:number level="any"/>/<xsl:number level="any" count="section|para"/>/<xsl:number level="any" from="chapter"/><xsl:text>
</xsl:text></xsl:template>
</xsl:stylesheet>
