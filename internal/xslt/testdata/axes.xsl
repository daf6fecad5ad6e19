<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:for-each select="//section[title='Two']">
    <xsl:text>a:</xsl:text><xsl:for-each select="ancestor::*"><xsl:value-of select="name()"/>,</xsl:for-each>
    <xsl:text> as:</xsl:text><xsl:value-of select="name(ancestor-or-self::*[1])"/>
    <xsl:text> d:</xsl:text><xsl:value-of select="count(descendant::node())"/>/<xsl:value-of select="count(descendant-or-self::*)"/>
    <xsl:text> f:</xsl:text><xsl:for-each select="following::*"><xsl:value-of select="name()"/>,</xsl:for-each>
    <xsl:text> p:</xsl:text><xsl:for-each select="preceding::*"><xsl:value-of select="name()"/>,</xsl:for-each>
    <xsl:text> p1:</xsl:text><xsl:value-of select="preceding::title[1]"/>/<xsl:value-of select="(preceding::title)[1]"/>
    <xsl:text> fs:</xsl:text><xsl:value-of select="count(following-sibling::*)"/> ps:<xsl:value-of select="name(preceding-sibling::*[1])"/>/<xsl:value-of select="name(preceding-sibling::*[last()])"/>
    <xsl:text> par:</xsl:text><xsl:value-of select="../@id"/> self:<xsl:value-of select="count(self::section)"/><xsl:value-of select="count(self::x)"/>
    <xsl:text> at:</xsl:text><xsl:value-of select="count(//@*)"/>/<xsl:value-of select="count(../@id/preceding::*)"/>
  </xsl:for-each></xsl:template>
</xsl:stylesheet>
