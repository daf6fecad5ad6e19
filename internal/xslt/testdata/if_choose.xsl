<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//order"><xsl:if test="@status='new'"><new/></xsl:if><xsl:choose><xsl:when test="@qty &gt; 50">many</xsl:when><xsl:when test="@qty &gt; 8">some</xsl:when><xsl:otherwise>few</xsl:otherwise></xsl:choose>,</xsl:for-each><xsl:choose><xsl:when test="false()">x</xsl:when></xsl:choose></r></xsl:template>
</xsl:stylesheet>
