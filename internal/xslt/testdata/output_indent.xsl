<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output indent="yes" encoding="UTF-8"/><xsl:strip-space elements="*"/>
  <xsl:template match="/"><r><xsl:for-each select="//order"><o><id><xsl:value-of select="@id"/></id><mixed>text <b/> more</mixed><e/></o></xsl:for-each><xsl:comment>end</xsl:comment></r></xsl:template>
</xsl:stylesheet>
