<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:key name="k" match="order" use="@status"/>
  <xsl:template match="/"><r><xsl:for-each select="//order[generate-id() = generate-id(key('k', @status)[1])]"><xsl:sort select="@status"/><g name="{@status}" n="{count(key('k', @status))}" sum="{sum(key('k', @status)/@qty)}"><xsl:for-each select="key('k', @status)"><i><xsl:value-of select="@id"/></i></xsl:for-each></g></xsl:for-each></r></xsl:template>
</xsl:stylesheet>
