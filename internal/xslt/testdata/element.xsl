<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:for-each select="//order"><xsl:element name="{code}"><xsl:attribute name="{concat('a', position())}"><xsl:value-of select="@id"/></xsl:attribute>x</xsl:element></xsl:for-each>
  <xsl:element name="p:in" namespace="urn:p"><xsl:element name="q" namespace="urn:q"/><xsl:element name="none"/></xsl:element></r></xsl:template>
</xsl:stylesheet>
