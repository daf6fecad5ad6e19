<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:for-each select="//order"><xsl:value-of select="concat(@id, '&lt;', code, '&amp;')"/><xsl:text>&#10;</xsl:text><drop>kept text</drop></xsl:for-each></xsl:template>
</xsl:stylesheet>
