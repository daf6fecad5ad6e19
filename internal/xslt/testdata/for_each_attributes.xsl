<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//order[1]/@*"><a name="{name()}"><xsl:value-of select="."/></a></xsl:for-each><xsl:apply-templates select="//order[2]/@*"/></r></xsl:template>
  <xsl:template match="@qty"><q/></xsl:template>
</xsl:stylesheet>
