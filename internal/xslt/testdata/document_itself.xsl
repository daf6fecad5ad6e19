<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:t="urn:table" exclude-result-prefixes="t">
  <t:table><t:row k="new" v="neu"/><t:row k="done" v="fertig"/></t:table>
  <xsl:template match="/"><r><xsl:for-each select="//order"><s><xsl:value-of select="document('')/*/t:table/t:row[@k = current()/@status]/@v"/></s></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
