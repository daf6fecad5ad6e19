<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="order"><o><xsl:apply-imports/></o></xsl:template>
</xsl:stylesheet>
