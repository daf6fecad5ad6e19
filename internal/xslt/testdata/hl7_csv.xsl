<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:template match="/">code,value<xsl:apply-templates select="//OBX"/></xsl:template>
  <xsl:template match="OBX"><xsl:text>&#10;</xsl:text><xsl:value-of select="OBX.3/OBX.3.1"/><xsl:text>,</xsl:text><xsl:value-of select="OBX.5/OBX.5.1"/></xsl:template>
</xsl:stylesheet>
