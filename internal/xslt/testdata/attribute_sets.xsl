<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:attribute-set name="base"><xsl:attribute name="class">b</xsl:attribute><xsl:attribute name="n"><xsl:value-of select="count(//order)"/></xsl:attribute></xsl:attribute-set>
  <xsl:attribute-set name="more" use-attribute-sets="base"><xsl:attribute name="class">m</xsl:attribute></xsl:attribute-set>
  <xsl:template match="/"><r xsl:use-attribute-sets="base" class="own"><a xsl:use-attribute-sets="more"/><xsl:element name="e" use-attribute-sets="more"/><xsl:apply-templates select="//order[1]"/></r></xsl:template>
  <xsl:template match="order"><xsl:copy use-attribute-sets="base"/></xsl:template>
</xsl:stylesheet>
