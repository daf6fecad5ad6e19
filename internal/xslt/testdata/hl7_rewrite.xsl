<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
  <xsl:template match="PID.8.1"><xsl:copy><xsl:choose><xsl:when test=".='F'">female</xsl:when><xsl:otherwise>other</xsl:otherwise></xsl:choose></xsl:copy></xsl:template>
  <xsl:template match="OBX[OBX.3/OBX.3.1='NA']"/>
  <xsl:template match="OBX/OBX.1/OBX.1.1/text()"><xsl:number count="OBX[OBX.3/OBX.3.1!='NA']"/></xsl:template>
</xsl:stylesheet>
