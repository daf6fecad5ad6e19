<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//order"><xsl:sort select="code"/><xsl:sort select="@id" order="descending"/><o id="{@id}" n="{position()}" of="{last()}"/></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
