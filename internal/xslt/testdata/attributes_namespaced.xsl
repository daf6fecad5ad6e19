<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r xmlns:u="urn:u"><a><xsl:attribute name="u:x">1</xsl:attribute></a><b><xsl:attribute name="v:y" namespace="urn:v">2</xsl:attribute></b><c><xsl:attribute name="xml:lang">en</xsl:attribute></c></r></xsl:template>
</xsl:stylesheet>
