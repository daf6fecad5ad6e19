<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:call-template name="t"/><xsl:call-template name="t"><xsl:with-param name="a" select="'given'"/><xsl:with-param name="unknown" select="1"/></xsl:call-template>
  <xsl:apply-templates select="//order[1]"><xsl:with-param name="a"><x>frag</x>ment</xsl:with-param></xsl:apply-templates></xsl:template>
  <xsl:template name="t"><xsl:param name="a" select="'default'"/><xsl:param name="b" select="concat($a, '+')"/>[<xsl:value-of select="$a"/>|<xsl:value-of select="$b"/>]</xsl:template>
  <xsl:template match="order"><xsl:param name="a"/>(<xsl:value-of select="$a"/>)</xsl:template>
</xsl:stylesheet>
