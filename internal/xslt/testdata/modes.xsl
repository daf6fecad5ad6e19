<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:apply-templates select="//order" mode="short"/><xsl:apply-templates select="//order" mode="long"/><xsl:apply-templates select="//order[1]"/></r></xsl:template>
  <xsl:template match="order" mode="short"><s><xsl:value-of select="@id"/></s></xsl:template>
  <xsl:template match="order" mode="long"><l><xsl:apply-templates mode="long"/></l></xsl:template>
  <xsl:template match="name|code" mode="long"><xsl:value-of select="name()"/>=<xsl:value-of select="."/>;</xsl:template>
  <xsl:template match="text()"/>
  <xsl:template match="price"><p/></xsl:template>
</xsl:stylesheet>
