<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes"/>
  <xsl:template match="/"><r a="&quot;&lt;&gt;&amp;'&#10;x"><xsl:value-of select="'&lt;&gt;&amp;&quot;'"/><xsl:text disable-output-escaping="yes">&lt;raw/&gt;</xsl:text><xsl:value-of select="'&lt;br/&gt;'" disable-output-escaping="yes"/> é €</r></xsl:template>
</xsl:stylesheet>
