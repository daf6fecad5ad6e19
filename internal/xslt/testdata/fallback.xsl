<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:x="urn:ext" extension-element-prefixes="x">
  <xsl:template match="/"><r><x:unknown><xsl:fallback><f/></xsl:fallback></x:unknown><xsl:if test="true()"><xsl:fallback>never</xsl:fallback>if</xsl:if></r></xsl:template>
</xsl:stylesheet>
