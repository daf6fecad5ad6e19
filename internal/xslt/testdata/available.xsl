<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:e="http://exslt.org/common" xmlns:j="java:example">
  <xsl:output method="text"/>
  <xsl:template match="/"><xsl:value-of select="function-available('key')"/>|<xsl:value-of select="function-available('nope')"/>|<xsl:value-of select="function-available('count')"/>|<xsl:value-of select="function-available('e:node-set')"/>|<xsl:value-of select="element-available('xsl:if')"/>|<xsl:value-of select="element-available('xsl:nope')"/>|<xsl:value-of select="system-property('xsl:version')"/>|<xsl:choose><xsl:when test="function-available('j:call')"><xsl:value-of select="j:call()"/></xsl:when><xsl:otherwise>no java</xsl:otherwise></xsl:choose></xsl:template>
</xsl:stylesheet>
