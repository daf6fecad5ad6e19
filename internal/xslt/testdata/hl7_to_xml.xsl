<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>
  <xsl:template match="/HL7Message"><result patient="{PID/PID.3/PID.3.1}" type="{MSH/MSH.9/MSH.9.1}^{MSH/MSH.9/MSH.9.2}"><xsl:apply-templates select="OBX"/></result></xsl:template>
  <xsl:template match="OBX"><observation set="{OBX.1/OBX.1.1}"><xsl:apply-templates select="OBX.3|OBX.5"/></observation></xsl:template>
  <xsl:template match="OBX.3"><code><xsl:value-of select="OBX.3.1"/></code></xsl:template>
  <xsl:template match="OBX.5"><value><xsl:value-of select="OBX.5.1"/></value></xsl:template>
</xsl:stylesheet>
