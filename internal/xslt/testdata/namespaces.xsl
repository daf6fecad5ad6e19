<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:h="urn:hl7-org:v3" exclude-result-prefixes="h">
  <xsl:template match="/"><out xmlns="urn:out"><xsl:apply-templates select="//h:code"/></out></xsl:template>
  <xsl:template match="h:code"><code xmlns="urn:out" value="{@h:value}" n="{name()}" l="{local-name()}" u="{namespace-uri()}"><xsl:value-of select="."/></code></xsl:template>
</xsl:stylesheet>
