<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:param name="site" select="'north'"/>
  <xsl:variable name="later" select="concat($base, '!')"/>
  <xsl:variable name="base" select="concat('base-', $site)"/>
  <xsl:variable name="tree"><a x="1"><b/></a>text</xsl:variable>
  <xsl:variable name="empty"/>
  <xsl:template match="/"><r><xsl:variable name="n" select="//order"/><xsl:value-of select="$later"/>|<xsl:value-of select="count($n)"/>|<xsl:value-of select="$n[2]/name"/>|<xsl:copy-of select="$tree"/>|<xsl:value-of select="$tree"/>|<xsl:value-of select="$empty = ''"/>|<xsl:value-of select="boolean($tree)"/>
    <xsl:for-each select="$n"><xsl:variable name="q" select="@qty * 2"/><q><xsl:value-of select="$q"/></q></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
