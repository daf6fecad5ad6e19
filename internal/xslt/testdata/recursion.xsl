<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:call-template name="fact"><xsl:with-param name="n" select="10"/></xsl:call-template><xsl:text>
</xsl:text><xsl:call-template name="rev"><xsl:with-param name="s" select="'stressed'"/></xsl:call-template></xsl:template>
  <xsl:template name="fact"><xsl:param name="n"/><xsl:param name="acc" select="1"/><xsl:choose><xsl:when test="$n &lt;= 1"><xsl:value-of select="$acc"/></xsl:when><xsl:otherwise><xsl:call-template name="fact"><xsl:with-param name="n" select="$n - 1"/><xsl:with-param name="acc" select="$acc * $n"/></xsl:call-template></xsl:otherwise></xsl:choose></xsl:template>
  <xsl:template name="rev"><xsl:param name="s"/><xsl:if test="$s"><xsl:call-template name="rev"><xsl:with-param name="s" select="substring($s, 2)"/></xsl:call-template><xsl:value-of select="substring($s, 1, 1)"/></xsl:if></xsl:template>
</xsl:stylesheet>
