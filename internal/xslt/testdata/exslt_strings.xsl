<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:s="http://exslt.org/strings" exclude-result-prefixes="s">
  <xsl:template match="/"><r><xsl:for-each select="s:tokenize('2001-06-03T11:40:23', '-T:')"><t><xsl:value-of select="."/></t></xsl:for-each><xsl:for-each select="s:split('a, b, c', ', ')"><u><xsl:value-of select="."/></u></xsl:for-each><p><xsl:value-of select="s:padding(5, '_-')"/></p><a><xsl:value-of select="s:align('abc', '-------', 'right')"/></a><c><xsl:value-of select="s:concat(//code)"/></c></r></xsl:template>
</xsl:stylesheet>
