<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes"/>
  <xsl:template match="/">
    <r><a><xsl:value-of select="//order[1]/name"/></a><b><xsl:value-of select="count(//order)"/></b><c><xsl:value-of select="//order/@id = 'o2'"/></c>
    <d><xsl:value-of select="sum(//order/@qty)"/></d><e><xsl:value-of select="//nothing"/></e><f><xsl:value-of select="1 div 0"/></f><g><xsl:value-of select="-1 div 0"/></g><h><xsl:value-of select="0 div 0"/></h></r>
  </xsl:template>
</xsl:stylesheet>
