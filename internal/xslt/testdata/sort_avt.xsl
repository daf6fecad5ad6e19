<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="way">descending</xsl:variable><xsl:variable name="type" select="'number'"/>
  <xsl:template match="/"><r><xsl:for-each select="//order"><xsl:sort select="@qty" order="{$way}" data-type="{$type}"/><xsl:value-of select="@qty"/><xsl:text> </xsl:text></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
