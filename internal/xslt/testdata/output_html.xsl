<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8"/>
  <xsl:template match="/"><html><head><title>Orders</title><style>a &gt; b {}</style></head><body><h1 class="x">Orders &amp; more</h1><br/><hr/><table border="1"><xsl:for-each select="//order"><tr><td><xsl:value-of select="@id"/></td><td><input type="checkbox" checked="checked"/></td></tr></xsl:for-each></table><p>Text <b>bold</b> <i/></p><script>if (a &lt; b &amp;&amp; c) {}</script><a href="x?a=1&amp;b=2">l</a></body></html></xsl:template>
</xsl:stylesheet>
