<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><HTML><BODY><p>x</p><br/></BODY></HTML></xsl:template>
</xsl:stylesheet>
