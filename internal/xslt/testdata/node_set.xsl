<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:e="http://exslt.org/common" exclude-result-prefixes="e">
  <xsl:variable name="list"><i n="2">b</i><i n="1">a</i></xsl:variable>
  <xsl:template match="/"><r><xsl:for-each select="e:node-set($list)/i"><xsl:sort select="@n"/><x><xsl:value-of select="."/></x></xsl:for-each><c><xsl:value-of select="count(e:node-set($list)//i)"/></c><t><xsl:value-of select="e:object-type($list)"/></t></r></xsl:template>
</xsl:stylesheet>
