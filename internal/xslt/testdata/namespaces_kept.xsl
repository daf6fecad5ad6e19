<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:x="urn:x">
  <xsl:template match="/"><r><e xmlns:d="urn:d" d:a="1"/><xsl:copy-of select="//x:b"/><xsl:apply-templates select="//x:b"/></r></xsl:template>
  <xsl:template match="x:b"><xsl:copy><xsl:copy-of select="namespace::*"/></xsl:copy></xsl:template>
</xsl:stylesheet>
