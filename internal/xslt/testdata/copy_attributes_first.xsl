<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="order"><xsl:copy><xsl:copy-of select="@id"/><xsl:attribute name="id">over</xsl:attribute><xsl:attribute name="n"><xsl:number/></xsl:attribute><xsl:value-of select="code"/></xsl:copy></xsl:template>
</xsl:stylesheet>
