<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/">
    <xsl:value-of select="substring('12345', 2, 3)"/>|<xsl:value-of select="substring('12345', 1.5, 2.6)"/>|<xsl:value-of select="substring('12345', 0, 3)"/>|<xsl:value-of select="substring('12345', 0 div 0, 3)"/>|<xsl:value-of select="substring('12345', -42, 1 div 0)"/>|<xsl:value-of select="substring('12345', -1 div 0, 1 div 0)"/>|
    <xsl:value-of select="substring-before('1999/04/01','/')"/>|<xsl:value-of select="substring-after('1999/04/01','/')"/>|<xsl:value-of select="substring-after('x','y')"/>|<xsl:value-of select="string-length('héllo€')"/>|<xsl:value-of select="normalize-space('  a  b&#10; c ')"/>|<xsl:value-of select="translate('--aaa--','abc-','ABC')"/>|<xsl:value-of select="translate('bar','abb','AXY')"/>|<xsl:value-of select="contains('abc','bc')"/>|<xsl:value-of select="starts-with('abc','')"/>|<xsl:value-of select="concat('a', 1, true())"/>|<xsl:value-of select="string(//order/@id)"/>
  </xsl:template>
</xsl:stylesheet>
