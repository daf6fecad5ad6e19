<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r>
    <a> kept text </a>
    <xsl:text>  </xsl:text><b xml:space="preserve"> <i/> </b>
    <c><![CDATA[<x>]]> &amp; more</c>
  </r></xsl:template>
</xsl:stylesheet>
