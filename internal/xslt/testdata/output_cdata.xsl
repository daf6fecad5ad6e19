<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output cdata-section-elements="script note" omit-xml-declaration="yes"/>
  <xsl:template match="/"><r><script>a &lt; b &amp;&amp; c</script><note>x ]]&gt; y</note><other>a &lt; b</other></r></xsl:template>
</xsl:stylesheet>
